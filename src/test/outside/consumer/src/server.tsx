import { renderToString } from "react-dom/server";
import { App } from "./browser-client/App.js";
import { aPageThatWasCutOffMissesNothing } from "./browser-client/follow-test.js";

console.log(renderToString(<App />));
console.log((await aPageThatWasCutOffMissesNothing()).join(", then "));
