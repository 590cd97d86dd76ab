package com.example.weather;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** The application's own calls, at the path that Samband's have, too. It names no class, so it takes all that there are. */
@ApplicationPath("/push")
public class DeskApplication extends Application {}
