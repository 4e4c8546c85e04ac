/** The hashes that WeChat Pay names, by the length of theirs in hex. */
export const HASHES = { SHA1: 40, SHA256: 64 } as const;

/** A hash of bytes that come piece by piece. WebCrypto takes only what is whole in memory, so it is the runtime's own. */
export function createHash(name: keyof typeof HASHES): Hash {
  // Node.js, Bun and Deno, without an import that a bundler for Workers would stumble over.
  const hash = globalThis.process?.getBuiltinModule?.("node:crypto")?.createHash(name);
  if (hash) return { update: (chunk) => hash.update(chunk), digest: () => hash.digest("hex") };
  const { DigestStream } = crypto as {
    DigestStream?: new (name: string) => WritableStream & { digest: Promise<ArrayBuffer> };
  };
  if (DigestStream === undefined)
    throw new TypeError("This runtime cannot hash a stream, as Node.js 20, Bun, Deno 2 and Workers can.");
  const stream = new DigestStream(name.replace("SHA", "SHA-"));
  const writer = stream.getWriter();
  const digest = async () => {
    await writer.close();
    return Array.from(new Uint8Array(await stream.digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  return { update: (chunk) => writer.write(chunk), digest };
}

interface Hash {
  update(chunk: Uint8Array): unknown;
  digest(): string | Promise<string>;
}

export type Source = ReadableStream<Uint8Array>;

/** The bytes of a file, each piece fetched when it is asked for; at their end it is an error if they have another hash. */
export function hashed(source: Source, { hash, name, value, isZipped }: Expected, refuse: Refuse): Source {
  const { read, cancel } = isZipped ? gunzip(source, refuse) : readerOf(source);
  let first: Uint8Array | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(into) {
        const { value: chunk } = await read();
        if (chunk !== undefined) {
          first ??= chunk;
          await hash.update(chunk);
          return into.enqueue(chunk);
        }
        if ((await hash.digest()) === value) return into.close();
        const isGzip = first?.[0] === 0x1f && first[1] === 0x8b;
        const likely = isGzip
          ? 'it is compressed: give tar_type: "GZIP", as the bill was asked for'
          : "it was changed or cut off on the way, or the hash is of another file";
        throw refuse(`its ${name} is not hash_value. Likely cause: ${likely}`);
      },
      cancel,
    },
    { highWaterMark: 0 },
  );
}

/** What a file is to have. */
type Expected = { hash: Hash; name: string; value: string; isZipped: boolean };

type Refuse = (why: string, cause?: unknown) => Error;

function readerOf(source: Source) {
  const reader = source.getReader();
  return { read: () => reader.read(), cancel: (reason: unknown) => reader.cancel(reason) };
}

/** Decompresses. Only while a reader waits, for Node.js 20 has no other end to what it decompresses ahead. */
function gunzip(source: Source, refuse: Refuse) {
  const { readable, writable } = new DecompressionStream("gzip") as unknown as {
    readable: Source;
    writable: WritableStream<Uint8Array>;
  };
  const [from, into, out] = [readerOf(source), writable.getWriter(), readable.getReader()];
  let fed = Promise.resolve();
  let isEnd = false;

  async function feed(): Promise<void> {
    const { value } = await from.read();
    isEnd = value === undefined;
    // What is no gzip makes the reader's promise reject as well.
    await (value === undefined ? into.close() : into.write(value)).catch(() => {});
  }
  return {
    cancel(reason: unknown) {
      into.abort(reason).catch(() => {});
      return from.cancel(reason);
    },
    async read() {
      let isWaiting = true;
      const stop = () => {
        isWaiting = false;
      };
      const reading = out.read();
      reading.then(stop, stop);
      while (isWaiting && !isEnd) {
        await Promise.race([fed, reading.catch(() => {})]);
        if (!isWaiting || isEnd) break;
        fed = feed();
        // Nobody may be waiting when it fails.
        fed.catch(() => {});
      }
      return reading.catch((cause) => {
        from.cancel(cause).catch(() => {});
        throw refuse(NO_GZIP, cause);
      });
    },
  };
}

const NO_GZIP = 'it is no gzip, or ends too early: tar_type is "GZIP" only where the bill was asked for so';
