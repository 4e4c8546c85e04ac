// Pictures that every machine has: fonts with emoji are not everywhere.
const PATHS = {
  user: "M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zm-6 6c0-3 2.7-5 6-5s6 2 6 5z",
  clock:
    "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3zm-.7 1.5v4l3 1.8.7-1.2-2.2-1.3V4.5z",
  unlocked: "M5 7V5a3 3 0 0 1 5.8-1l1.4-.5A4.5 4.5 0 0 0 3.5 5v2H3v7h10V7zm2.3 2.5h1.4v2.2H7.3z",
  mail: "M1 3h14v10H1zm1.8 1.3L8 8.2l5.2-3.9zm10.9 1.3L8 9.9 2.3 5.6v6.1h11.4z",
  key: "M10.5 1.5a4 4 0 0 0-3.9 5L1.5 11.6v2.9h3v-2h2v-2h1.2l1-1a4 4 0 1 0 1.8-8zm1 2a1.3 1.3 0 1 1 0 2.6 1.3 1.3 0 0 1 0-2.6z",
  fault: "M9.5 1 3 9h4l-1 6 7-8.5H8.7z",
};

export type IconName = keyof typeof PATHS;

/** @param label what a screen reader says; without one the picture is decoration */
export function Icon({ name, label }: { name: IconName; label?: string }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 16 16"
      role={label === undefined ? undefined : "img"}
      aria-label={label}
      aria-hidden={label === undefined}
    >
      {label && <title>{label}</title>}
      <path d={PATHS[name]} fill-rule="evenodd" />
    </svg>
  );
}
