import { leadFromWorker } from "./worker-leader.js";

leadFromWorker();
