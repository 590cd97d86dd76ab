import type { RefObject } from "react";
import { useStore } from "zustand";
import type { Flash } from "../model/model.js";
import { useWords } from "../words/language.js";
import { AlertLine } from "./AlertLine.js";
import { ConnectionBadge } from "./ConnectionBadge.js";
import { useConsole } from "./context.js";
import { SettingsIcon, SoundOffIcon, SoundOnIcon, ToolsIcon } from "./icons.js";
import { Settings } from "./Settings.js";
import { SignedIn } from "./SignedIn.js";
import { StaleNotice } from "./StaleNotice.js";

interface Props {
  readonly own: string;
  readonly open: readonly Flash[];
  readonly showMessages: () => void;
  /** Null unless developer tools are turned on. */
  readonly tools: {
    readonly shown: boolean;
    readonly toggle: () => void;
    readonly button: RefObject<HTMLButtonElement | null>;
  } | null;
}

/** Always in view: the connection, how current the page is, the message that waits. Its height never changes. */
export function Header({ own, open, showMessages, tools }: Props) {
  const words = useWords();
  return (
    <header id="top">
      <div className="bar">
        <h1>
          <img src="./icon.svg" alt="" width="28" height="28" />
          <span>Samband</span>
        </h1>
        <ConnectionBadge />
        <div className="bar-tools">
          <SignedIn />
          {tools && (
            <button
              ref={tools.button}
              type="button"
              className="tool"
              aria-expanded={tools.shown}
              aria-controls="debug-drawer"
              data-testid="debug-toggle"
              onClick={tools.toggle}
            >
              <ToolsIcon />
              <span className="tool-word">{words.settings.developer}</span>
            </button>
          )}
          <SoundButton />
          <button
            id="settings-button"
            type="button"
            className="tool"
            popoverTarget="settings"
            data-testid="settings-button"
            aria-label={`${words.settings.heading}: ${own}`}
          >
            <SettingsIcon />
            <span className="tool-word">{own}</span>
          </button>
        </div>
      </div>
      <div className="lines">
        <StaleNotice />
        <AlertLine open={open} show={showMessages} />
      </div>
      <Settings />
    </header>
  );
}

/** Says whether an urgent message can be heard here. */
function SoundButton() {
  const words = useWords();
  const { sound } = useConsole().alerts;
  const { state } = useStore(sound.store);
  const on = state === "on";
  const [said, hint] =
    state === "missing"
      ? [words.sound.off, words.sound.missing]
      : on
        ? [words.sound.on, words.sound.turnOff]
        : [words.sound.off, words.sound.turnOn];
  return (
    <button
      type="button"
      className={on ? "tool" : "tool is-off"}
      title={hint}
      aria-label={hint}
      aria-disabled={state === "missing"}
      data-testid="sound"
      data-sound={state}
      onClick={() => sound.toggle()}
    >
      {on ? <SoundOnIcon /> : <SoundOffIcon />}
      <span className="tool-word">{said}</span>
    </button>
  );
}
