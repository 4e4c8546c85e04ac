import type { ComponentChildren } from "preact";

/** Something of the sandbox's state. */
export interface Row {
  key: string;
  /** What a search looks through. */
  words: string;
  /** One for each heading. */
  cells: readonly ComponentChildren[];
}

/** A table that becomes a list of cards where there is no room for it. */
export function DataTable({
  label,
  headings,
  rows,
}: {
  label: string;
  headings: readonly string[];
  rows: readonly Row[];
}) {
  return (
    <table class="data" aria-label={label}>
      <thead>
        <tr>
          {headings.map((heading) => (
            <th key={heading} scope="col">
              {heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, cells }) => (
          <tr key={key}>
            {cells.map((cell, index) => (
              <td key={headings[index]} data-label={headings[index]}>
                <div>{cell}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
