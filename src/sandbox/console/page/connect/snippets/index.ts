// How each SDK is told to talk to the sandbox: programs that place one order. They hold no key, but read the variables and files that
// the page offers beside them.
import { go, java } from "./compiled.js";
import { axiosPlugin, nodeV3, ours } from "./node.js";
import { curl, php, python } from "./others.js";
import type { Snippet } from "./snippet.js";

export const SNIPPETS: readonly Snippet[] = [ours, axiosPlugin, nodeV3, curl, java, go, php, python];
