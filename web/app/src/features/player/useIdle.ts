import { type RefObject, useEffect, useState } from "react";

const AFTER_MS = 2500;

/** Whether nobody touched an element for a while, so that what is drawn over it may go. */
export function useIdle(element: RefObject<HTMLElement | null>, active: boolean): boolean {
  const [idle, setIdle] = useState(false);
  useEffect(() => {
    const target = element.current;
    if (!target || !active) {
      setIdle(false);
      return;
    }
    let timer: ReturnType<typeof setTimeout>;
    const touched = () => {
      setIdle(false);
      clearTimeout(timer);
      timer = setTimeout(() => setIdle(true), AFTER_MS);
    };
    touched();
    const events = ["pointermove", "pointerdown", "keydown", "focusin"] as const;
    for (const event of events) target.addEventListener(event, touched);
    return () => {
      clearTimeout(timer);
      for (const event of events) target.removeEventListener(event, touched);
    };
  }, [element, active]);
  return idle;
}
