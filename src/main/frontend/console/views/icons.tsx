import type { ReactNode } from "react";

/** Drawn here: no font and no request. They say nothing to a screen reader; the words beside them do. */
function Icon({ children }: { children: ReactNode }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const WarningIcon = () => (
  <Icon>
    <path d="M12 3.500 22 20.500H2Z" />
    <path d="M12 10v5" />
    <path d="M12 17.800v.2" />
  </Icon>
);

export const CheckIcon = () => (
  <Icon>
    <path d="m5 12.500 4.500 4.500L19 7.500" />
  </Icon>
);

export const MessageIcon = () => (
  <Icon>
    <path d="M4 5h16v11H9.500L5 20v-4H4Z" />
  </Icon>
);

export const SoundOnIcon = () => (
  <Icon>
    <path d="M4 9.500v5h3.500L12 18.500v-13L7.500 9.500Z" />
    <path d="M15.500 9a4.200 4.200 0 0 1 0 6" />
    <path d="M18.200 6.500a8 8 0 0 1 0 11" />
  </Icon>
);

export const SoundOffIcon = () => (
  <Icon>
    <path d="M4 9.500v5h3.500L12 18.500v-13L7.500 9.500Z" />
    <path d="m16 9.500 5 5m0-5-5 5" />
  </Icon>
);

export const SettingsIcon = () => (
  <Icon>
    <path d="M4 7h9m5 0h2M4 17h2m5 0h9" />
    <circle cx="15.500" cy="7" r="2.300" />
    <circle cx="8.500" cy="17" r="2.300" />
  </Icon>
);

export const ToolsIcon = () => (
  <Icon>
    <path d="m8 7-5 5 5 5m8-10 5 5-5 5m-2.500-12-3 14" />
  </Icon>
);
