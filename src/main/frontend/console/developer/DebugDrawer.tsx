import { useEffect, useRef } from "react";
import { useWords } from "../words/language.js";
import { ConnectionsTable } from "./ConnectionsTable.js";
import { Errors, Facts, Transitions } from "./LineFacts.js";
import { Trials } from "./Trials.js";
import { useConnections } from "./use-connections.js";
import { DEVELOPER_WORDS } from "./words.js";

/** Shows what the connection does, and makes it do something. For developers and operators. */
export function DebugDrawer({ close }: { close: () => void }) {
  const words = DEVELOPER_WORDS[useWords().language];
  const { rows, refused } = useConnections();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <aside
      id="debug-drawer"
      className="drawer"
      aria-labelledby="debug-heading"
      data-testid="debug-drawer"
      onKeyDown={(event) => event.key === "Escape" && close()}
    >
      <header>
        <h2 id="debug-heading" ref={heading} tabIndex={-1}>
          {words.heading}
        </h2>
        <button type="button" onClick={close} data-testid="debug-close">
          {words.close}
        </button>
      </header>
      <Trials words={words} admin={!refused} />
      <Facts words={words} />
      {refused ? <p data-testid="not-admin">{words.notAdmin}</p> : <ConnectionsTable rows={rows} />}
      <Transitions words={words} />
      <Errors words={words} />
    </aside>
  );
}
