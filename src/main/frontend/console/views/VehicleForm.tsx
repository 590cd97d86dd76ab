import { type FormEvent, useState } from "react";
import { changeStatus } from "../desk/server.js";
import { VEHICLE_STATUSES, type Vehicle, type VehicleStatus } from "../model/model.js";
import { useWords } from "../words/language.js";
import { useAction } from "./use-action.js";

/** A vehicle that is new has version 0. */
const NEW = 0;

interface Props {
  readonly vehicles: ReadonlyMap<string, Vehicle>;
  readonly changed: (vehicle: Vehicle) => void;
}

/** Adds a vehicle. One that is there already is changed on the board, where its status can be seen. */
export function VehicleForm({ vehicles, changed }: Props) {
  const words = useWords();
  const [id, setId] = useState("");
  const [status, setStatus] = useState<VehicleStatus>("available");
  const { busy, outcome, run } = useAction();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run(async () => {
      if (vehicles.has(id)) return words.vehicles.known(id);
      const change = await changeStatus(id, status, NEW);
      changed(change.kind === "changed" ? change.vehicle : change.current);
      if (change.kind === "conflict") return words.vehicles.known(id);
      setId("");
      return words.vehicles.saved(id);
    });
  };
  return (
    <details className="add-vehicle">
      <summary data-testid="vehicle-add">{words.vehicles.add}</summary>
      <form onSubmit={submit} data-testid="vehicle-form">
        <label>
          <span>{words.vehicles.id}</span>
          <input
            value={id}
            required
            maxLength={32}
            pattern="[A-Za-z0-9\-]+"
            title={words.vehicles.idRule}
            autoComplete="off"
            placeholder="A-12"
            data-testid="vehicle-id"
            onChange={(event) => setId(event.target.value)}
          />
        </label>
        <label>
          <span>{words.vehicles.statusLabel}</span>
          <select
            value={status}
            data-testid="status-select"
            onChange={(event) => setStatus(event.target.value as VehicleStatus)}
          >
            {VEHICLE_STATUSES.map((one) => (
              <option key={one} value={one}>
                {words.status[one]}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" aria-disabled={busy} data-testid="vehicle-save">
          {words.vehicles.save}
        </button>
        <p role="status" data-testid="vehicle-outcome">
          {outcome}
        </p>
      </form>
    </details>
  );
}
