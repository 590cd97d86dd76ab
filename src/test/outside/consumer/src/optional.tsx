import { SSEClient } from "samband-client";
import { SSEProvider } from "samband-client/react";

declare const snapshot: { lastEventId: string } | undefined;

/** Never called: that it compiles with `exactOptionalPropertyTypes` is the test. */
export function startAfterASnapshotThatMayBeMissing() {
  new SSEClient().connect({ after: snapshot?.lastEventId });
  return <SSEProvider after={snapshot?.lastEventId}>x</SSEProvider>;
}
