// The framework's structs whose layout their declaration does not show.
//
// Two reasons bring a type here. The reference pack hides private fields behind one `int _dummyPrimitive` (Guid, decimal, TimeSpan ...) and
// calls DateTime sequential, which at run time is automatic. And the loader knows some types by name: Int128 and the hardware
// vectors are aligned as C aligns them, whatever their fields. The figures are measured on the runtimes of .NET 8 to 10, x64 and
// arm64, and a test compares each with sizeof.
//
// A type that is not here and hides its fields is of unknown size; so are, on purpose, ValueTuple and KeyValuePair, whose
// fields the runtime orders itself.

using System;
using System.Collections.Generic;

using Microsoft.CodeAnalysis;

namespace NativeHeap.CodeAnalysis.Layout;

/// <summary>The layout of a framework struct that is known by name.</summary>
/// <param name="Namespace">The namespace that the type stands in.</param>
/// <param name="Rule">How size and alignment depend on the target.</param>
/// <param name="Size">The size, in bytes.</param>
/// <param name="Alignment">The alignment where the target does not lower it, in bytes.</param>
internal readonly record struct WellKnownLayout(string Namespace, WellKnownLayouts.Rule Rule, int Size, int Alignment)
{
    public int SizeOn(TargetLayout target)
        => Rule is WellKnownLayouts.Rule.Native or WellKnownLayouts.Rule.Handle ? target.PointerSize : Size;

    public int AlignmentOn(TargetLayout target) => Rule switch
    {
        WellKnownLayouts.Rule.Native or WellKnownLayouts.Rule.Handle => target.PointerSize,
        WellKnownLayouts.Rule.Vector => Math.Min(Alignment, target.MaxVectorAlignment),
        WellKnownLayouts.Rule.Int128 => Math.Min(Alignment, target.Int128Alignment),
        _ => Alignment,
    };
}

/// <summary>The framework structs whose layout is known by name.</summary>
internal static class WellKnownLayouts
{
    /// <summary>How a layout depends on the target.</summary>
    public enum Rule
    {
        /// <summary>The same everywhere.</summary>
        Fixed,

        /// <summary>As large as a pointer, and never one.</summary>
        Native,

        /// <summary>As large as a pointer, and one perhaps.</summary>
        Handle,

        /// <summary>A hardware vector: its alignment has the target's limit. It holds what its type argument holds.</summary>
        Vector,

        /// <summary>A 128-bit integer.</summary>
        Int128,

        /// <summary>Known only in the running process.</summary>
        Runtime,
    }

    private static readonly Dictionary<string, WellKnownLayout> s_layouts = new()
    {
        ["Decimal"] = new("System", Rule.Fixed, 16, 8),
        ["DateTime"] = new("System", Rule.Fixed, 8, 8),
        ["DateTimeOffset"] = new("System", Rule.Fixed, 16, 8),
        ["TimeSpan"] = new("System", Rule.Fixed, 8, 8),
        ["TimeOnly"] = new("System", Rule.Fixed, 8, 8),
        ["DateOnly"] = new("System", Rule.Fixed, 4, 4),
        ["Guid"] = new("System", Rule.Fixed, 16, 4),
        ["Half"] = new("System", Rule.Fixed, 2, 2),
        ["Index"] = new("System", Rule.Fixed, 4, 4),
        ["Range"] = new("System", Rule.Fixed, 8, 4),
        ["Int128"] = new("System", Rule.Int128, 16, 16),
        ["UInt128"] = new("System", Rule.Int128, 16, 16),
        ["Rune"] = new("System.Text", Rule.Fixed, 4, 4),
        ["Complex"] = new("System.Numerics", Rule.Fixed, 16, 8),
        ["Vector2"] = new("System.Numerics", Rule.Fixed, 8, 4),
        ["Vector3"] = new("System.Numerics", Rule.Fixed, 12, 4),
        ["Vector4"] = new("System.Numerics", Rule.Fixed, 16, 4),
        ["Quaternion"] = new("System.Numerics", Rule.Fixed, 16, 4),
        ["Plane"] = new("System.Numerics", Rule.Fixed, 16, 4),
        ["Matrix3x2"] = new("System.Numerics", Rule.Fixed, 24, 4),
        ["Matrix4x4"] = new("System.Numerics", Rule.Fixed, 64, 4),
        ["Vector`1"] = new("System.Numerics", Rule.Runtime, 0, 0),
        ["Vector64`1"] = new("System.Runtime.Intrinsics", Rule.Vector, 8, 8),
        ["Vector128`1"] = new("System.Runtime.Intrinsics", Rule.Vector, 16, 16),
        ["Vector256`1"] = new("System.Runtime.Intrinsics", Rule.Vector, 32, 32),
        ["Vector512`1"] = new("System.Runtime.Intrinsics", Rule.Vector, 64, 64),
        ["GCHandle"] = new("System.Runtime.InteropServices", Rule.Handle, 0, 0),
        ["NFloat"] = new("System.Runtime.InteropServices", Rule.Native, 0, 0),
        ["CLong"] = new("System.Runtime.InteropServices", Rule.Runtime, 0, 0),
        ["CULong"] = new("System.Runtime.InteropServices", Rule.Runtime, 0, 0),
        ["Point"] = new("System.Drawing", Rule.Fixed, 8, 4),
        ["PointF"] = new("System.Drawing", Rule.Fixed, 8, 4),
        ["Size"] = new("System.Drawing", Rule.Fixed, 8, 4),
        ["SizeF"] = new("System.Drawing", Rule.Fixed, 8, 4),
        ["Rectangle"] = new("System.Drawing", Rule.Fixed, 16, 4),
        ["RectangleF"] = new("System.Drawing", Rule.Fixed, 16, 4),
    };

    // Where the framework's own types live, in reference packs and in implementations. A user's System.Guid is not among them.
    private static readonly HashSet<string> s_assemblies =
    [
        "System.Private.CoreLib", "System.Runtime", "System.Runtime.InteropServices", "System.Runtime.Intrinsics",
        "System.Runtime.Numerics", "System.Numerics.Vectors", "System.Drawing.Primitives", "netstandard", "mscorlib",
    ];

    /// <summary>The layout of a struct known by name; null for all others.</summary>
    public static WellKnownLayout? Find(INamedTypeSymbol type)
    {
        INamedTypeSymbol definition = type.OriginalDefinition;
        return definition.ContainingType is null
            && s_layouts.TryGetValue(definition.MetadataName, out WellKnownLayout layout)
            && definition.ContainingAssembly is { } assembly
            && s_assemblies.Contains(assembly.Name)
            && definition.ContainingNamespace.ToDisplayString() == layout.Namespace
            ? layout
            : null;
    }
}
