import { vi } from "vitest";
import { generateKeyPair } from "./keys.js";

// Nine tenths of what a sandbox takes to start are its keys. Those of a process of its own, such as the command's, are fresh.
vi.mock(import("../../src/sandbox/server/keys.js"), async (original) => ({ ...(await original()), generateKeyPair }));
