import { distanceOf, listed, listedZh, type Reason, shown } from "./words.js";

/** What is not percent-encoded in a path, and must be. */
const RAW = /%(?![\da-f]{2})|[^\w\-.~!$&'()*+,;=:@/%]/i;

/** @param templates of the document's paths */
export function unknownPath(path: string, templates: readonly string[]): Reason {
  const nearest = nearestPath(path, templates);
  if (nearest === undefined) return { zh: "没有这个路径的接口。", en: "No operation has this path." };
  const isRaw = RAW.test(path) || path.split("/").length - Number(path.endsWith("/")) > nearest.split("/").length;
  const encoded =
    nearest.includes("{") && isRaw
      ? { zh: "（路径参数要做百分号编码）", en: " (parameters percent-encoded)" }
      : { zh: "", en: "" };
  return {
    zh: `没有这个路径的接口，最接近的是 ${nearest}${encoded.zh}。`,
    en: `No operation has this path; the nearest is ${nearest}${encoded.en}.`,
  };
}

/** @param methods that the path has */
export function wrongMethod(method: string, methods: readonly string[]): Reason {
  return {
    zh: `这个路径没有 ${shown(method, 20)} 方法，只有 ${listedZh(methods)}。`,
    en: `This path has no ${shown(method, 20)}; it has ${listed(methods, " and ")}.`,
  };
}

export const TOO_LARGE: Reason = {
  zh: "请求体超过沙箱的上限 16 MiB。",
  en: "The body has more than 16 MiB, the most that the sandbox takes.",
};

export const asked = (fault: string): Reason => ({
  zh: `这是你要求的故障：${fault}。`,
  en: `You asked for this fault: ${fault}.`,
});

/** @param message of the error that it threw */
export const failed = (message: string): Reason => ({
  zh: `沙箱出错：${shown(message, 200)}`,
  en: `The sandbox failed: ${shown(message, 200)}`,
});

/** No path has more segments, and no segment of one more characters. */
const [MOST, LONGEST] = [20, 60];

/** The path that was probably meant: of its segments, half are another one's at most. */
function nearestPath(path: string, templates: readonly string[]): string | undefined {
  const segmentsOf = (text: string) =>
    text
      .split("/")
      .slice(1, MOST)
      .map((segment) => segment.slice(0, LONGEST));
  const sent = segmentsOf(path);
  let [best, nearest] = [0.5, undefined as string | undefined];
  for (const template of templates) {
    const segments = segmentsOf(template);
    const distance = distanceOf(sent, segments, cost) / Math.max(sent.length, segments.length);
    if (distance < best) [best, nearest] = [distance, template];
  }
  return nearest;
}

/** Of a segment in the place of a template's. */
function cost(sent: string, segment: string): number {
  if (segment.includes("{")) return sent === "" ? 1 : 0.1;
  const distance = distanceOf([...sent.toLowerCase()], [...segment.toLowerCase()]);
  return Math.min(1, (2 * distance) / segment.length);
}
