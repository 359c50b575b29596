using System.Collections.Generic;

namespace NativeHeap.MisuseProbe;

/// <summary>How closely it is looked at: a column of the matrix.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Level">The heaps' check level.</param>
/// <param name="IsGuarded">Whether every object that can be is a guarded sample.</param>
internal sealed record Mode(string Name, CheckLevel Level, bool IsGuarded = false)
{
    /// <summary>All there are.</summary>
    public static IReadOnlyList<Mode> All { get; } =
    [
        new("Off", CheckLevel.Off),
        new("Basic", CheckLevel.Basic),
        new("Full", CheckLevel.Full),
        new("Guarded", CheckLevel.Off, IsGuarded: true),
    ];

    public override string ToString() => Name;
}
