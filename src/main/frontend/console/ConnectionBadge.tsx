import { useShallow } from "zustand/react/shallow";
import { useConnectionStore } from "../react/index.js";
import { useNow } from "./use-now.js";
import { age, CONNECTION_WORDS } from "./words.js";

/** The state of the connection, how old the last proof of it is, and which tab leads. */
export function ConnectionBadge() {
  const now = useNow();
  // Picked as what is shown, not as what it is made of: the last proof is newer with every event.
  const heard = useConnectionStore(({ lastProofAt }) =>
    lastProofAt === null ? "not heard yet" : `heard ${age(now - lastProofAt)} ago`,
  );
  const { status, role, tab, leader, sharing } = useConnectionStore(
    useShallow(({ status, role, tab, leader, sharing }) => ({
      status,
      role,
      tab,
      leader,
      sharing,
    })),
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
      <span className="badge-status">
        <span className="badge-dot" aria-hidden="true" />
        {/* Only the word is announced: the age would be read out every second. */}
        <span role="status" data-testid="connection-status">
          {CONNECTION_WORDS[status]}
        </span>
      </span>
      <span className="badge-detail">
        <span data-testid="connection-proof-age">{heard}</span>
        {" · "}
        <span data-testid="connection-leader">{whoLeads(role, leader, sharing)}</span>
      </span>
    </div>
  );
}

function whoLeads(role: string, leader: string | null, sharing: string | null): string {
  if (role === "leader") return sharing === "none" ? "own stream" : "this tab leads";
  if (role === "follower") return `${sharing === "worker" ? "worker" : "tab"} ${leader} leads`;
  return "no leader yet";
}
