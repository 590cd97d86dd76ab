package io.samband.poll;

import static org.assertj.core.api.Assertions.assertThat;

import io.samband.auth.Identity;
import io.samband.auth.Rights;
import io.samband.log.MemoryLog;
import io.samband.settings.Settings;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PollResourceTest {
  private static final Identity NOBODY =
      new Identity(null, Set.of(), Set.of(), null, Identity.Source.NONE, null);

  private static final HttpServletRequest REQUEST = (HttpServletRequest) Proxy.newProxyInstance(
      PollResourceTest.class.getClassLoader(),
      new Class<?>[] {HttpServletRequest.class},
      (proxy, method, arguments) -> NOBODY);

  /** The cursor was good when it was looked at; what has its offset now is another event. */
  @Test
  @SuppressWarnings("UnnecessaryAssignment") // No container fills the fields here.
  void aCursorIsLookedAtAgainWhenTheLogIsRewoundWhileItIsRead() {
    var log = new MemoryLog();
    log.append(1, "a", "b", "c");
    log.duringNextRead(() -> log.rewind(1, "00000002", "d", "d", "d", "d"));
    var resource = new PollResource();
    resource.log = log;
    resource.settings = Settings.of(Map.of());
    resource.rights = new Rights(resource.settings, null);

    Object answer =
        resource.poll(REQUEST, MemoryLog.EPOCH + "-2", List.of(), List.of()).getEntity();

    assertThat((String) answer)
        .contains("\"replay\":\"incomplete\"", "\"reason\":\"ahead\"")
        .contains("\"lastEventId\":\"00000002-5\"")
        .contains("\"id\":\"0a0b0c0d-2\"");
  }
}
