import { type RefObject, useEffect, useState } from "react";

export interface Place {
  /** How wide it is, and how far down the page it begins, in CSS pixels. */
  width: number;
  top: number;
}

/** Where an element is on its page, also when that changes. */
export function usePlace(of: RefObject<HTMLElement | null>): Place {
  const [place, setPlace] = useState<Place>({ width: 0, top: 0 });
  useEffect(() => {
    const element = of.current;
    if (!element) return;
    const look = () => {
      const { width, top } = element.getBoundingClientRect();
      const seen = { width, top: Math.round(top + window.scrollY) };
      setPlace((last) => (last.width === seen.width && last.top === seen.top ? last : seen));
    };
    const observer = new ResizeObserver(look);
    observer.observe(element);
    // What is above it may grow.
    observer.observe(document.body);
    look();
    return () => observer.disconnect();
  }, [of]);
  return place;
}
