import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** A part of a view that does one thing. */
export function Card({ title, how, children }: { title: string; how?: string; children: ComponentChildren }) {
  const id = useId();
  return (
    <section class="card" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {how !== undefined && <p class="soft">{how}</p>}
      {children}
    </section>
  );
}
