import { memo, useMemo, useState } from "react";
import { type Group, grouped, misplaced, named } from "../model/fleet.js";
import type { Vehicle } from "../model/model.js";
import { clockTime, elapsed } from "../model/times.js";
import { useWords } from "../words/language.js";
import type { Words } from "../words/words.js";
import { ScrollRegion } from "./ScrollRegion.js";
import { useHeld, useHold } from "./use-hold.js";
import { useMinute } from "./use-now.js";
import { VehicleDialog } from "./VehicleDialog.js";
import { VehicleForm } from "./VehicleForm.js";

interface Props {
  readonly vehicles: ReadonlyMap<string, Vehicle>;
  readonly changed: (vehicle: Vehicle) => void;
}

/** Every vehicle under its status. Pressing one changes its status. */
export const VehicleBoard = memo(({ vehicles, changed }: Props) => {
  const words = useWords();
  const now = useMinute();
  const [query, setQuery] = useState("");
  /** The vehicle whose status is being chosen, as it was seen when it was pressed. */
  const [chosen, setChosen] = useState<Vehicle | null>(null);
  const { held, handlers, release } = useHold();
  const groups = useMemo(() => grouped(vehicles), [vehicles]);
  const shown = useHeld(groups, held);
  const moved = held ? misplaced(shown, groups) : 0;
  const found = named(shown, query);
  const noneFound = vehicles.size > 0 && found.every(({ ids }) => ids.length === 0);
  return (
    <section
      className="panel vehicles"
      aria-labelledby="vehicles-heading"
      data-testid="vehicle-board"
    >
      <header className="panel-head">
        <h2 id="vehicles-heading" tabIndex={-1}>
          {words.vehicles.heading}
        </h2>
        <button
          type="button"
          className={moved > 0 ? "quiet" : "quiet is-hidden"}
          data-testid="regroup"
          onClick={release}
        >
          {words.vehicles.regroup(moved)}
        </button>
        {vehicles.size > 0 && (
          <label className="find">
            <span className="only-read">{words.vehicles.find}</span>
            <input
              type="search"
              value={query}
              placeholder={words.vehicles.find}
              data-testid="vehicle-find"
              onChange={(event) => setQuery(event.target.value)}
            />
          </label>
        )}
      </header>
      <Counts groups={groups} words={words} />
      <ScrollRegion aria-label={words.vehicles.list} {...handlers}>
        {vehicles.size === 0 && <p className="empty">{words.vehicles.none}</p>}
        {noneFound && <p className="empty">{words.vehicles.noneFound}</p>}
        {found.map(({ status, ids }) =>
          ids.length === 0 ? null : (
            <section
              key={status}
              aria-labelledby={`group-${status}`}
              className={`group is-${status}`}
            >
              <h3 id={`group-${status}`}>{words.status[status]}</h3>
              <ul>
                {ids.map((id) => {
                  const vehicle = vehicles.get(id);
                  return vehicle ? (
                    <VehicleCard key={id} vehicle={vehicle} now={now} choose={setChosen} />
                  ) : (
                    <li key={id} className="vehicle is-gone" />
                  );
                })}
              </ul>
            </section>
          ),
        )}
      </ScrollRegion>
      <VehicleForm vehicles={vehicles} changed={changed} />
      {chosen && (
        <VehicleDialog
          key={chosen.id}
          seen={chosen}
          vehicle={vehicles.get(chosen.id) ?? chosen}
          changed={changed}
          close={() => setChosen(null)}
        />
      )}
    </section>
  );
});

/** How many vehicles have which status, large enough to be read from across the room. */
function Counts({ groups, words }: { groups: readonly Group[]; words: Words }) {
  return (
    <dl className="counts" data-testid="vehicle-counts">
      {groups.map(({ status, ids }) => (
        <div key={status} className={`is-${status}`} data-status={status}>
          <dt>{words.status[status]}</dt>
          <dd>{ids.length}</dd>
        </div>
      ))}
    </dl>
  );
}

interface CardProps {
  readonly vehicle: Vehicle;
  readonly now: number;
  readonly choose: (vehicle: Vehicle) => void;
}

function VehicleCard({ vehicle, now, choose }: CardProps) {
  const words = useWords();
  const { id, status, version, updatedAt } = vehicle;
  const word = words.status[status] ?? status;
  const time = elapsed(now - Date.parse(updatedAt), words.units);
  return (
    <li
      className={`vehicle is-${status}`}
      data-testid="vehicle"
      data-vehicle-id={id}
      data-status={status}
      data-version={version}
    >
      <button type="button" aria-haspopup="dialog" onClick={() => choose(vehicle)}>
        <span className="vehicle-id">{id}</span>
        <span className="vehicle-status">{word}</span>
        <span className="vehicle-time">
          <span className="vehicle-elapsed">{time}</span>
          {/* Takes the place of the elapsed time on hover and focus. */}
          <time className="vehicle-exact" dateTime={updatedAt}>
            {clockTime(updatedAt, now, words.locale)}
          </time>
        </span>
        <span className="only-read">{words.vehicles.change}</span>
      </button>
    </li>
  );
}
