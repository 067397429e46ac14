// Keeps what breaks in one place from taking the whole page with it.
import { Component, type ReactNode } from "react";

interface Kept {
  /** Told once its children have broken, or their code could not be fetched. */
  onBroken: () => void;
  children: ReactNode;
}

/** Shows its children, and nothing once they are broken. */
export class Boundary extends Component<Kept, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override componentDidCatch() {
    this.props.onBroken();
  }

  override render() {
    return this.state.broken ? null : this.props.children;
  }
}
