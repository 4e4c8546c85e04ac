import type { Text } from "../../../messages.js";

/** An order that every SDK can place; its number is new each time. */
export const ORDER = {
  appid: "wxd678efh567hg6787",
  description: "Image形象店-深圳腾大-QQ公仔",
  notify_url: "https://www.example.com/notify",
  openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
};

export interface Snippet {
  /** In the page's address and in tests. */
  id: string;
  name: string;
  file: string;
  /** What has to stand beside it, and how it is run. */
  how: Text;
  /** The program, with its comments in one language. */
  code: (language: keyof Text) => string;
}
