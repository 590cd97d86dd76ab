import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { useIdentity } from "../../react/index.js";
import { useDeskName } from "../desk/desk-name.js";
import { useRemembered } from "../desk/remembered.js";
import { LANGUAGES, useLanguage } from "../words/language.js";
import type { Shortcut, Theme, Words } from "../words/words.js";
import { useConsole } from "./context.js";
import { SHORTCUT_KEYS } from "./use-shortcuts.js";

const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** What belongs to this desk and this browser: name, language, appearance, notifications, shortcuts, developer tools. */
export function Settings() {
  const [words, setLanguage] = useLanguage();
  const [theme, setTheme] = useRemembered("theme", "system");
  const [shortcuts, setShortcuts] = useRemembered("shortcuts", "on");
  const identity = useIdentity();
  const [developer, setDeveloper] = useRemembered("developer", "off");
  return (
    <div id="settings" popover="auto" className="popover" data-testid="settings">
      <h2>{words.settings.heading}</h2>
      {identity && (
        <div className="setting">
          <span>{words.identity.signedIn}</span>
          <span data-testid="signed-in-name">{identity.name}</span>
        </div>
      )}
      <DeskName words={words} />
      <label>
        <span>{words.settings.language}</span>
        <select
          value={words.language}
          data-testid="language"
          onChange={(event) => setLanguage(event.target.value)}
        >
          {LANGUAGES.map(({ language, name }) => (
            <option key={language} value={language} lang={language}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{words.settings.theme}</span>
        <select
          value={theme}
          data-testid="appearance"
          onChange={(event) => setTheme(event.target.value)}
        >
          {THEMES.map((one) => (
            <option key={one} value={one}>
              {words.settings.themes[one]}
            </option>
          ))}
        </select>
      </label>
      <Notifications words={words} />
      <Switch
        label={words.settings.shortcuts}
        testId="shortcuts-switch"
        on={shortcuts === "on"}
        set={(on) => setShortcuts(on ? "on" : "off")}
      />
      {shortcuts === "on" && (
        <dl className="shortcuts" aria-label={words.shortcuts.heading}>
          {(Object.entries(SHORTCUT_KEYS) as [Shortcut, string][]).map(([shortcut, key]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{words.shortcuts.keys[shortcut]}</dd>
            </div>
          ))}
        </dl>
      )}
      <Switch
        label={words.settings.developer}
        testId="developer-switch"
        on={developer === "on"}
        set={(on) => setDeveloper(on ? "on" : "off")}
      />
    </div>
  );
}

/** Follows the setting, and by default the system. */
export function useTheme(): void {
  const [theme] = useRemembered("theme", "system");
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
}

function DeskName({ words }: { words: Words }) {
  const [name, setName] = useDeskName();
  const [typed, setTyped] = useState<string | null>(null);
  const save = () => {
    if (typed !== null) setName(typed);
    setTyped(null);
  };
  return (
    <label>
      <span>{words.settings.desk}</span>
      <input
        value={typed ?? name}
        maxLength={64}
        autoComplete="off"
        data-testid="desk-name"
        onChange={(event) => setTyped(event.target.value)}
        onBlur={save}
        onKeyDown={(event) => event.key === "Enter" && save()}
      />
      <small>{words.settings.deskHelp}</small>
    </label>
  );
}

function Notifications({ words }: { words: Words }) {
  const { notifying } = useConsole().alerts;
  const { permission } = useStore(notifying.store);
  return (
    <div className="setting">
      <span>{words.notify.heading}</span>
      {permission === "default" ? (
        <button type="button" data-testid="notify-allow" onClick={() => void notifying.ask()}>
          {words.notify.allow}
        </button>
      ) : (
        <span data-testid="notify-permission">{words.notify[permission]}</span>
      )}
    </div>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly testId: string;
  readonly on: boolean;
  readonly set: (on: boolean) => void;
}

function Switch({ label, testId, on, set }: SwitchProps) {
  return (
    <label className="check">
      <input
        type="checkbox"
        role="switch"
        checked={on}
        aria-checked={on}
        data-testid={testId}
        onChange={(event) => set(event.target.checked)}
      />
      {label}
    </label>
  );
}
