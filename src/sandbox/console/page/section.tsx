import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

/** A part of a view, with its heading and the buttons beside it. */
export function Section({
  title,
  actions,
  children,
}: {
  title: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section class="section">
      <div class="section-head">
        <h3>{title}</h3>
        {actions}
      </div>
      {children}
    </section>
  );
}

/** A part that is closed at first. What is in it is made when it opens. */
export function Fold({ title, children }: { title: ComponentChildren; children: ComponentChildren }) {
  const isOpen = useSignal(false);
  return (
    <details
      class="fold"
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>{title}</summary>
      {isOpen.value && children}
    </details>
  );
}
