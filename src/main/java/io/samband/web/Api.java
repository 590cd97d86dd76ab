package io.samband.web;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** The base of all calls. */
@ApplicationPath("/api")
public class Api extends Application {}
