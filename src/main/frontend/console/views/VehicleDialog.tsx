import { useEffect, useRef, useState } from "react";
import { changeStatus } from "../desk/server.js";
import { VEHICLE_STATUSES, type Vehicle, type VehicleStatus } from "../model/model.js";
import { clockTime } from "../model/times.js";
import { useWords } from "../words/language.js";
import { useAction } from "./use-action.js";
import { useNow } from "./use-now.js";

interface Props {
  /** The vehicle as it was shown when it was pressed. */
  readonly seen: Vehicle;
  /** The vehicle as it is now. */
  readonly vehicle: Vehicle;
  readonly changed: (vehicle: Vehicle) => void;
  readonly close: () => void;
}

/** The second click of a double click on a vehicle would fall on what opens under it. Keys do not wait. */
const READY_AFTER_MILLIS = 400;

interface Conflict {
  readonly wish: VehicleStatus;
  readonly current: Vehicle;
}

/**
 * Chooses a status. The version that was seen goes with the choice, so that a change by another desk in between is shown
 * and not overwritten.
 */
export function VehicleDialog({ seen, vehicle, changed, close }: Props) {
  const words = useWords();
  const now = useNow();
  const dialog = useRef<HTMLDialogElement>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const { busy, outcome, run } = useAction();
  const heading = useRef<HTMLHeadingElement>(null);
  const [ready, setReady] = useState(false);
  useEffect(() => {
    dialog.current?.showModal();
    // Not the first choice: an Enter key that is held down would take it.
    heading.current?.focus();
    const timer = setTimeout(() => setReady(true), READY_AFTER_MILLIS);
    return () => clearTimeout(timer);
  }, []);
  const set = (wish: VehicleStatus, version: number) =>
    run(async () => {
      const change = await changeStatus(seen.id, wish, version);
      if (change.kind === "conflict") {
        changed(change.current);
        setConflict({ wish, current: change.current });
        return "";
      }
      changed(change.vehicle);
      dialog.current?.close();
      return "";
    });
  const word = (status: VehicleStatus) => words.status[status] ?? status;
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby="vehicle-dialog-heading"
      data-testid="vehicle-dialog"
      onClose={close}
    >
      <h2 id="vehicle-dialog-heading" ref={heading} tabIndex={-1}>
        {words.vehicles.choose(seen.id)}
      </h2>
      {conflict ? (
        <div role="alert" className="conflict" data-testid="vehicle-conflict">
          <p>
            <strong>
              {words.vehicles.conflict(
                word(conflict.current.status),
                clockTime(conflict.current.updatedAt, now, words.locale),
              )}
            </strong>
          </p>
          <p>{words.vehicles.notSaved(word(conflict.wish))}</p>
          <div className="choices">
            <button
              type="button"
              data-testid="vehicle-keep"
              onClick={() => dialog.current?.close()}
            >
              {words.vehicles.keep(word(conflict.current.status))}
            </button>
            <button
              type="button"
              aria-disabled={busy}
              data-testid="vehicle-anyway"
              onClick={() => set(conflict.wish, conflict.current.version)}
            >
              {words.vehicles.anyway(word(conflict.wish))}
            </button>
          </div>
        </div>
      ) : (
        <div className="choices">
          {VEHICLE_STATUSES.map((status) => (
            <button
              key={status}
              type="button"
              className={`choice is-${status}`}
              aria-disabled={busy || !ready}
              aria-pressed={status === seen.status}
              data-testid={`choose-${status}`}
              onClick={({ detail }) => (ready || detail === 0) && set(status, seen.version)}
            >
              {word(status)}
            </button>
          ))}
        </div>
      )}
      <p role="status" className="dialog-note" data-testid="vehicle-note">
        {outcome ||
          (!conflict && vehicle.version !== seen.version
            ? words.vehicles.changedMeanwhile(word(vehicle.status))
            : "")}
      </p>
      <button
        type="button"
        className="quiet"
        data-testid="vehicle-close"
        onClick={() => dialog.current?.close()}
      >
        {words.settings.close}
      </button>
    </dialog>
  );
}
