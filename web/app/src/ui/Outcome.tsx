import type { ReactNode } from "react";

interface Props {
  icon: ReactNode;
  title: string;
  text: string;
  children?: ReactNode;
  /** In a part of a page, which has a heading of its own: this is none then. */
  inside?: boolean;
}

/** In place of a page: what happened, and what can be done. */
export function Outcome({ icon, title, text, children, inside }: Props) {
  return (
    <div className="outcome">
      <span className="outcome-icon">{icon}</span>
      {inside ? <p className="outcome-title">{title}</p> : <h1>{title}</h1>}
      <p className="muted">{text}</p>
      {children}
    </div>
  );
}
