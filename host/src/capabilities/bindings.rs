//! What `bindgen!` makes of the contract: the host's side of `stocktake:host`, and callers for what components export.
#![allow(missing_docs, unreachable_pub, clippy::pedantic, reason = "the macro writes this code")]

wasmtime::component::bindgen!({
    path: [
        "../wit/deps/io",
        "../wit/deps/clocks",
        "../wit/deps/random",
        "../wit/deps/filesystem",
        "../wit/deps/sockets",
        "../wit/deps/cli",
        "../wit/deps/http",
        "../wit/host",
        "../wit/functions",
        "../wit/worlds.wit",
    ],
    inline: "
        package stocktake:bundled-host;

        world bundled-host {
            include stocktake:host/imports@0.1.0;
            export stocktake:functions/cron@0.1.0;
            export stocktake:functions/tasks@0.1.0;
            export stocktake:functions/object-events@0.1.0;
            export stocktake:functions/inventory-config@0.1.0;
            export stocktake:functions/inventory-runs@0.1.0;
            export stocktake:functions/policy-check@0.1.0;
        }
    ",
    world: "stocktake:bundled-host/bundled-host",
    imports: { default: async | trappable },
    exports: { default: async },
});
