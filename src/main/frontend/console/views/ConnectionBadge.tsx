import { useShallow } from "zustand/react/shallow";
import { useConnectionStore } from "../../react/index.js";
import { age } from "../model/times.js";
import { useWords } from "../words/language.js";
import { useHeardMillis } from "./use-line.js";

/** The state of the connection, and how old the last proof of it is. */
export function ConnectionBadge() {
  const words = useWords();
  const heard = useHeardMillis();
  const { status, role, tab, leader } = useConnectionStore(
    useShallow(({ status, role, tab, leader }) => ({ status, role, tab, leader })),
  );
  return (
    <div
      className={`badge badge-${status}`}
      data-testid="connection-badge"
      data-status={status}
      data-role={role}
      data-tab={tab}
      data-leader={leader ?? ""}
    >
      <span className="badge-dot" aria-hidden="true" />
      {/* Only the word is announced: the age would be read out every second. */}
      <span className="badge-status" role="status" data-testid="connection-status">
        {words.connection[status]}
      </span>
      <span className="badge-heard" data-testid="connection-proof-age">
        {heard === null ? words.badge.notHeard : words.badge.heard(age(heard, words.units))}
      </span>
    </div>
  );
}
