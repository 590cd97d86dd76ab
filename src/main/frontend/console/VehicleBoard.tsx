import { type FormEvent, memo, useState } from "react";
import { VEHICLE_STATUSES, type Vehicle, type VehicleStatus } from "./model.js";
import { changeStatus } from "./server.js";
import { useAction } from "./use-action.js";
import { clockTime, STATUS_WORDS } from "./words.js";

interface Props {
  readonly vehicles: ReadonlyMap<string, Vehicle>;
  readonly changed: (vehicle: Vehicle) => void;
}

/** Every vehicle and what it does; a status is changed in the card. */
export const VehicleBoard = memo(({ vehicles, changed }: Props) => {
  const sorted = [...vehicles.values()].sort((a, b) =>
    a.id.localeCompare(b.id, undefined, { numeric: true }),
  );
  return (
    <section aria-labelledby="vehicles-heading" data-testid="vehicle-board">
      <h2 id="vehicles-heading">Vehicles</h2>
      {sorted.length === 0 && <p className="empty">No vehicle is known yet. Add one below.</p>}
      <ul className="vehicles">
        {sorted.map((vehicle) => (
          <VehicleCard key={vehicle.id} vehicle={vehicle} changed={changed} />
        ))}
      </ul>
      <VehicleForm changed={changed} />
    </section>
  );
});

function VehicleCard({ vehicle, changed }: { vehicle: Vehicle } & Pick<Props, "changed">) {
  const [wish, setWish] = useState<VehicleStatus | null>(null);
  const { busy, outcome, run } = useAction();
  const { id, status, version, updatedAt } = vehicle;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run(async () => {
      changed(await changeStatus(id, wish ?? status));
      setWish(null);
      return "";
    });
  };
  return (
    <li
      className={`vehicle vehicle-${status}`}
      data-testid="vehicle"
      data-vehicle-id={id}
      data-status={status}
      data-version={version}
    >
      <h3 className="vehicle-id">{id}</h3>
      <p className="vehicle-status">{STATUS_WORDS[status] ?? status}</p>
      <p className="vehicle-since">
        since <time dateTime={updatedAt}>{clockTime(updatedAt)}</time>
      </p>
      {/* A select that acted by itself would send every status that arrow keys pass over. */}
      <form onSubmit={submit}>
        <StatusSelect label={`Status of ${id}`} value={wish ?? status} set={setWish} />
        <button type="submit" aria-disabled={busy} aria-label={`Set the status of ${id}`}>
          Set
        </button>
      </form>
      <p role="status" className="outcome">
        {outcome}
      </p>
    </li>
  );
}

function VehicleForm({ changed }: Pick<Props, "changed">) {
  const [id, setId] = useState("");
  const [status, setStatus] = useState<VehicleStatus>("available");
  const { busy, outcome, run } = useAction();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run(async () => {
      changed(await changeStatus(id, status));
      setId("");
      return `${id} is saved.`;
    });
  };
  return (
    <form className="vehicle-form" onSubmit={submit} data-testid="vehicle-form">
      <label>
        <span>Vehicle</span>
        <input
          value={id}
          required
          maxLength={32}
          pattern="[A-Za-z0-9\-]+"
          title="Letters, digits and hyphens"
          autoComplete="off"
          placeholder="A-12"
          data-testid="vehicle-id"
          onChange={(event) => setId(event.target.value)}
        />
      </label>
      <StatusSelect label="Status" visible value={status} set={setStatus} />
      <button type="submit" aria-disabled={busy} data-testid="vehicle-save">
        Save
      </button>
      <p role="status" className="outcome" data-testid="vehicle-outcome">
        {outcome}
      </p>
    </form>
  );
}

interface SelectProps {
  readonly label: string;
  readonly visible?: boolean;
  readonly value: VehicleStatus;
  readonly set: (status: VehicleStatus) => void;
}

function StatusSelect({ label, visible = false, value, set }: SelectProps) {
  return (
    <label>
      <span className={visible ? "" : "only-read"}>{label}</span>
      <select
        value={value}
        data-testid="status-select"
        onChange={(event) => set(event.target.value as VehicleStatus)}
      >
        {VEHICLE_STATUSES.map((status) => (
          <option key={status} value={status}>
            {STATUS_WORDS[status]}
          </option>
        ))}
      </select>
    </label>
  );
}
