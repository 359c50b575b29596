using CsCheck;

namespace NativeHeap.Tests.Entities;

/// <summary>What the models do to tables and pools.</summary>
internal enum EntityOperation
{
    Add,
    AddMany,
    Remove,
    RemoveMany,
    TakeOut,
    Write,
    Clear,
    EnsureCapacity,
    TrimExcess,
    Partition,
    SaveAndRestore,
}

/// <summary>Makes them up.</summary>
internal static class EntityOperations
{
    public static Gen<(EntityOperation Kind, int Number)> Operation { get; } = Gen.Select(
        Gen.Frequency(
            (8, Gen.Const(EntityOperation.Add)),
            (2, Gen.Const(EntityOperation.AddMany)),
            (8, Gen.Const(EntityOperation.Remove)),
            (2, Gen.Const(EntityOperation.RemoveMany)),
            (2, Gen.Const(EntityOperation.TakeOut)),
            (4, Gen.Const(EntityOperation.Write)),
            (1, Gen.Const(EntityOperation.Clear)),
            (1, Gen.Const(EntityOperation.EnsureCapacity)),
            (1, Gen.Const(EntityOperation.TrimExcess)),
            (1, Gen.Const(EntityOperation.Partition)),
            (1, Gen.Const(EntityOperation.SaveAndRestore))),
        Gen.Int[0, 1 << 20]);
}
