// What the running process says of the layout of types: the truth that LayoutCalculator is compared with.

using System;
using System.Reflection;
using System.Runtime.InteropServices;

using NativeHeap.CodeAnalysis.Layout;
using NativeHeap.Generators.Tests.Harness;

namespace NativeHeap.Generators.Tests.Layout;

internal static class Measurement
{
    private static readonly MethodInfo s_measure = typeof(Measurement).GetMethod(nameof(Measure), BindingFlags.Static | BindingFlags.NonPublic)!;

    /// <summary>The target that the tests run on.</summary>
    public static TargetLayout RunningTarget { get; } = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => TargetLayout.X64,
        Architecture.Arm64 => TargetLayout.Arm64,
        Architecture.X86 => TargetLayout.X86,
        _ => TargetLayout.Arm32,
    };

    /// <summary>The size and natural alignment of an unmanaged type, in bytes.</summary>
    public static (int Size, int Alignment) Of(Type type) => ((int, int))s_measure.MakeGenericMethod(type).Invoke(null, null)!;

    private static unsafe (int Size, int Alignment) Measure<T>()
        where T : unmanaged
        => (sizeof(T), StubExerciser.AlignmentOf<T>());
}
