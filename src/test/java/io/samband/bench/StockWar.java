package io.samband.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.samband.bench.stock.StockApplication;
import io.samband.bench.stock.StockResource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Packs {@link io.samband.bench.stock} into a WAR of two classes. */
final class StockWar {
  private StockWar() {}

  static Path in(Path directory) throws IOException {
    Path war = directory.resolve("stock.war");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(war))) {
      for (Class<?> type : List.of(StockApplication.class, StockResource.class)) {
        String file = type.getName().replace('.', '/') + ".class";
        zip.putNextEntry(new ZipEntry("WEB-INF/classes/" + file));
        try (InputStream bytes = type.getClassLoader().getResourceAsStream(file)) {
          bytes.transferTo(zip);
        }
        zip.closeEntry();
      }
      // WildFly would otherwise take the context root from the file's name.
      zip.putNextEntry(new ZipEntry("WEB-INF/jboss-web.xml"));
      zip.write("<jboss-web><context-root>/</context-root></jboss-web>".getBytes(UTF_8));
      zip.closeEntry();
    }
    return war;
  }
}
