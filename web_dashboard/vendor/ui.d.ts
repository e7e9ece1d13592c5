export { createRef, Fragment, h, render } from "preact";
export * from "preact/hooks";
import type { FunctionComponent, VNode } from "preact";
export declare function html(strings: TemplateStringsArray, ...values: any[]): VNode<any>;
export declare function memo(component: FunctionComponent<any>): FunctionComponent<any>;
