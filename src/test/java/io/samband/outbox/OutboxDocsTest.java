package io.samband.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OutboxDocsTest {
  @ParameterizedTest
  @EnumSource(names = "OTHER", mode = EnumSource.Mode.EXCLUDE)
  void theTablesOfTheDocumentationAreThoseThatAreMade(Dialect dialect) throws IOException {
    String page = Files.readString(Path.of("docs/outbox.md"));
    String section = page.substring(page.indexOf("### " + dialect.product()));
    String sql = section.substring(section.indexOf("```sql") + 6, section.indexOf("```\n\n"));

    for (String table : dialect.tables()) {
      assertThat(plain(sql)).contains(plain(table.replace("IF NOT EXISTS ", "")) + ";");
    }
    assertThat(sql).contains("INSERT INTO samband_outbox_relay (id) VALUES (1);");
  }

  private static String plain(String sql) {
    return sql.replaceAll("\\s+", " ").replace("( ", "(");
  }
}
