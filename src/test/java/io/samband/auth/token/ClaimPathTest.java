package io.samband.auth.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClaimPathTest {
  @Test
  void aPathLeadsIntoClaims() {
    Map<String, Object> claims = Map.of("realm_access", Map.of("roles", List.of("leader")));
    assertThat(new ClaimPath("realm_access.roles").textsIn(claims)).containsExactly("leader");
    assertThat(new ClaimPath("realm_access.roles.x").textsIn(claims)).isEmpty();
    assertThat(new ClaimPath("realm_access").textsIn(claims)).isEmpty();
    assertThat(new ClaimPath("").textsIn(claims)).isEmpty();
    assertThat(new ClaimPath(".").textsIn(claims)).isEmpty();
  }

  @Test
  void aClaimWhoseNameHasDotsComesFirst() {
    Map<String, Object> claims = Map.of("a.b", "literal", "a", Map.of("b", "inner"));
    assertThat(new ClaimPath("a.b").in(claims)).isEqualTo("literal");
  }

  @Test
  void aNameInsideAPathMayHaveDotsToo() {
    Map<String, Object> claims =
        Map.of("resource_access", Map.of("desk.example", Map.of("roles", "leader")));
    assertThat(new ClaimPath("resource_access.desk.example.roles").in(claims)).isEqualTo("leader");
  }
}
