package io.samband.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.samband.settings.Settings;
import java.util.List;
import java.util.Map;

class ClientAddressFuzzTest {
  private final ClientAddress trusting =
      new ClientAddress(Settings.of(Map.of("samband.http.trusted-proxies", "10.0.0.1")));

  @FuzzTest
  void whateverAProxySaysBecomesAnAddressOrIsIgnored(FuzzedDataProvider data) {
    List<String> forwarded = List.of(data.consumeString(200));
    List<String> xForwardedFor = List.of(data.consumeRemainingAsString());
    for (List<String> first : List.of(forwarded, List.<String>of())) {
      assertThat(trusting.of("10.0.0.1", first, xForwardedFor)).matches("[0-9a-fA-F:.]{2,45}");
      assertThat(trusting.of("192.0.2.7", first, xForwardedFor)).isEqualTo("192.0.2.7");
    }
  }
}
