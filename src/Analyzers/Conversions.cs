// A value behind the conversions around it, of which the rules that ask where a value comes from do not care: implicit ones stand in the tree where the text shows none.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.Analyzers;

internal static class Conversions
{
    /// <summary>The value without any conversion, of a user's too.</summary>
    public static IOperation Strip(IOperation value)
    {
        IOperation operand = value;
        while (operand is IConversionOperation conversion)
        {
            operand = conversion.Operand;
        }

        return operand;
    }

    /// <summary>The value without the compiler's own conversions, which leave it the same object.</summary>
    public static IOperation StripBuiltIn(IOperation value)
    {
        IOperation operand = value;
        while (operand is IConversionOperation { OperatorMethod: null } conversion)
        {
            operand = conversion.Operand;
        }

        return operand;
    }
}
