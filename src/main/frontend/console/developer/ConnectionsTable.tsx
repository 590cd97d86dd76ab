import type { ConnectionRow } from "../desk/server.js";
import { serverClock } from "../desk/server-clock.js";
import { clockTime } from "../model/times.js";
import { ScrollRegion } from "../views/ScrollRegion.js";
import { useWords } from "../words/language.js";
import { DEVELOPER_WORDS } from "./words.js";

const MOST_SHOWN = 50;

/** Who is connected, as the server sees it; null while it does not say. */
export function ConnectionsTable({ rows }: { rows: readonly ConnectionRow[] | null }) {
  const { language, locale } = useWords();
  const words = DEVELOPER_WORDS[language];
  return (
    <section
      aria-labelledby="connections-heading"
      data-testid="connections"
      data-count={rows?.length ?? ""}
    >
      <h3 id="connections-heading">
        {rows === null ? words.connectionsUnknown : words.connections(rows.length)}
      </h3>
      {rows !== null && rows.length > 0 && (
        <ScrollRegion className="sideways" aria-label={words.table}>
          <table>
            <thead>
              <tr>
                {Object.entries(words.columns).map(([column, word]) => (
                  <th key={column} scope="col">
                    {word}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, MOST_SHOWN).map((row) => (
                <tr key={row.id}>
                  <td>{clockTime(row.connectedAt, serverClock.now(), locale)}</td>
                  <td>{row.address}</td>
                  <td>{row.state}</td>
                  <td>{row.lag}</td>
                  <td className="agent">{row.userAgent ?? ""}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </section>
  );
}
