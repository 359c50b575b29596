using System;
using System.Collections.Generic;

namespace Gateway.Memory;

/// <summary>Where the pipes' buffers come from: the one thing in which two runs differ.</summary>
internal enum PoolKind
{
    ArrayPool,
    Native,
}

internal static class PoolKinds
{
    /// <summary>What to write after --pool.</summary>
    public const string Way = "write --pool arraypool, native or both";

    public static string Name(this PoolKind pool) => pool == PoolKind.Native ? "native" : "arraypool";

    public static bool TryParse(string value, out IReadOnlyList<PoolKind> pools)
    {
        pools = value switch
        {
            "native" => [PoolKind.Native],
            "arraypool" => [PoolKind.ArrayPool],
            "both" => [PoolKind.Native, PoolKind.ArrayPool],
            _ => Array.Empty<PoolKind>(),
        };
        return pools.Count != 0;
    }
}
