/** The console's paths, and those that browsers ask for by themselves. */
export const OWN_PATHS = /^\/(?:$|console(?:$|\/)|favicon\.ico$|apple-touch-icon|\.well-known\/)/;
