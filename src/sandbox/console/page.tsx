// The browser side. What arrives is never trusted: it becomes text, never markup.
import { render } from "preact";
import { App } from "./page/app.js";
import { connect } from "./page/connection.js";
import { announceArrivals } from "./page/list/arrivals.js";

render(<App />, document.body);
document.addEventListener("visibilitychange", connect);
connect();
announceArrivals();
