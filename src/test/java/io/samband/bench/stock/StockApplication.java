package io.samband.bench.stock;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** At the same place as Samband's. */
@ApplicationPath("api")
public class StockApplication extends Application {}
