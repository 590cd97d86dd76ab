import { useEffect } from "react";

/** Marks the title and the icon of the tab while messages wait. */
export function useMark(open: number, urgent: number): void {
  useEffect(() => {
    const count = open > 0 ? `(${open}) ` : "";
    document.title = `${urgent > 0 ? "⚠ " : ""}${count}Samband`;
    const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
    const href = urgent > 0 ? "./icon-urgent.svg" : "./icon.svg";
    if (icon && icon.getAttribute("href") !== href) icon.setAttribute("href", href);
  }, [open, urgent]);
}
