import type { ReactNode } from "react";

interface Props {
  title: string;
  text?: string;
  children: ReactNode;
}

/** The card of pages that lead in: sign in, register, new password. */
export function EntryCard({ title, text, children }: Props) {
  return (
    <div className="sign-in">
      <div className="card">
        <img src="/icon.svg" alt="" width={48} height={48} />
        <h1>{title}</h1>
        {text && <p className="muted">{text}</p>}
        {children}
      </div>
    </div>
  );
}
