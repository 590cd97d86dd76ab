import { createStore } from "zustand/vanilla";

export type Permission = NotificationPermission | "missing";

/** Desktop notifications, where the browser and its user allow them. */
export class Notifying {
  readonly store = createStore<{ readonly permission: Permission }>(() => ({
    permission: typeof Notification === "undefined" ? "missing" : Notification.permission,
  }));

  get isAllowed(): boolean {
    return typeof Notification !== "undefined" && Notification.permission === "granted";
  }

  /** Call it from a click: browsers ignore the question otherwise. */
  async ask(): Promise<void> {
    if (typeof Notification === "undefined") return;
    this.store.setState({ permission: await Notification.requestPermission() });
  }

  /** @param tag two notifications of the same tag are shown as one */
  show(title: string, body: string, tag: string): void {
    try {
      const shown = new Notification(title, { body, tag, requireInteraction: true });
      shown.onclick = () => {
        window.focus();
        shown.close();
      };
    } catch {
      // Chromium for Android has the permission and not the constructor. The page itself shows the message.
    }
  }
}
