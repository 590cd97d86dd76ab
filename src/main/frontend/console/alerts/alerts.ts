import type { Flash } from "../model/model.js";
import { claim } from "./claim.js";
import { Notifying } from "./notifying.js";
import { Sound } from "./sound.js";

/** Makes an urgent message heard and seen outside the page: once in a browser, however many tabs it has. */
export class Alerts {
  readonly sound = new Sound();
  readonly notifying = new Notifying();

  /** @param title of the notification, in the language of the page */
  urgent(flash: Flash, title: string): void {
    // Only a tab that can sound may claim the sound: the others may never have been clicked.
    if (this.sound.isOn) void once(`sound ${flash.id}`, () => this.sound.play());
    if (this.notifying.isAllowed) {
      void once(`notification ${flash.id}`, () => this.notifying.show(title, flash.text, flash.id));
    }
  }
}

async function once(what: string, run: () => void): Promise<void> {
  if (await claim(what)) run();
}
