import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./browser-client/App.js";
import { Board } from "./browser-client/Board.js";

const place = document.getElementById("app");
if (!place) throw new Error("there is no #app");
createRoot(place).render(
  <StrictMode>
    <App />
    <Board />
  </StrictMode>,
);
