import { useEffect, useState } from "react";
import { type ConnectionRow, fetchConnections } from "./server.js";
import { clockTime } from "./words.js";

const LOOK_EVERY_MILLIS = 3_000;
const MOST_SHOWN = 50;

/** Who is connected, as the server sees it. */
export function ConnectionsTable() {
  const [rows, setRows] = useState<readonly ConnectionRow[] | null>(null);
  useEffect(() => {
    let gone = false;
    const look = () =>
      fetchConnections().then(
        (found) => gone || setRows(found),
        () => gone || setRows(null),
      );
    void look();
    const timer = setInterval(look, LOOK_EVERY_MILLIS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, []);
  return (
    <section
      aria-labelledby="connections-heading"
      data-testid="connections"
      data-count={rows?.length ?? ""}
    >
      <h3 id="connections-heading">
        {rows === null ? "Who is connected: not known" : `Who is connected: ${rows.length}`}
      </h3>
      {rows !== null && rows.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard
        <section className="scroll" tabIndex={0} aria-label="Table of connections">
          <table>
            <thead>
              <tr>
                <th scope="col">Since</th>
                <th scope="col">From</th>
                <th scope="col">State</th>
                <th scope="col">Behind</th>
                <th scope="col">Browser</th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, MOST_SHOWN).map((row) => (
                <tr key={`${row.connectedAt} ${row.address}`}>
                  <td>{clockTime(row.connectedAt)}</td>
                  <td>{row.address}</td>
                  <td>{row.state}</td>
                  <td>{row.lag}</td>
                  <td className="agent">{row.userAgent ?? ""}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}
