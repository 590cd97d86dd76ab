import { leadFromWorker } from "./index.js";

leadFromWorker();
