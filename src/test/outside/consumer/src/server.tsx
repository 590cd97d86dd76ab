import { renderToString } from "react-dom/server";
import { App } from "./browser-client/App.js";

console.log(renderToString(<App />));
